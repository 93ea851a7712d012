"""What is said of audited conversations: tallies, scores, the gate, comparisons, histories."""

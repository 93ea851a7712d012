"""From files to audited conversations: take in, gather by customer, run the checks, collect the evidence."""

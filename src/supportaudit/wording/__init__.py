"""What words mean: folding, language, packs, promises' times, likeness. Knows no conversations."""

"""Files that people read and write: designs, transcripts, and the original program's dumps."""

"""What both front ends say of records, in words: no drawing, no input or output."""

"""What is kept of conferences, and what is made of it: minutes and savings."""

"""The set-up: makes everything this project needs from a fresh Debian or Ubuntu machine. Standard library only."""

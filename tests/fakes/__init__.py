"""The interfaces between the processes, implemented in the simplest way."""

"""The telephone switch: AMI client, FastAGI entry server, rendering of Asterisk's configuration."""

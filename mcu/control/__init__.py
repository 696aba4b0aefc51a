"""The control process: hears what happens, asks core what follows, and has it done."""

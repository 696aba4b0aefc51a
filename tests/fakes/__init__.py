"""The simplest implementations of the interfaces that control acts through."""

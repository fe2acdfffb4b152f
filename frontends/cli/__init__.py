"""The command `vigia`. Start-up stays light: whatever a command needs is imported when it runs."""

"""Browser files of npm packages."""

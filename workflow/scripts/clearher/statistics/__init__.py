"""Statistics: tests, estimates and intervals on plain numbers; knows no trial words."""

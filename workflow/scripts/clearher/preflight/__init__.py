"""The check of all input before any job runs: of files, against each other, and by later stages."""

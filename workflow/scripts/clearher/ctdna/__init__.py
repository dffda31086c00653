"""ctDNA: tracked variants, force-counting, detection, limits of detection, dynamics and clearance."""

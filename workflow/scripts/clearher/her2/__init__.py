"""HER2: from specimen readings through the ISH work-up to one category a subject."""

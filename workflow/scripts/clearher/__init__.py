"""ClearHER: from a data cut to ctDNA clearance, HER2 and response, as pure functions on data frames."""

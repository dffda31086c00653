"""Sections of the page, in its order: each a function from the context to a section."""

from clearher.report.sections.association import association_section
from clearher.report.sections.changes import changes_section
from clearher.report.sections.clinical import clinical_section
from clearher.report.sections.ctdna import ctdna_section
from clearher.report.sections.her2 import her2_section
from clearher.report.sections.methods import methods_section
from clearher.report.sections.provenance import provenance_section
from clearher.report.sections.quality import quality_section
from clearher.report.sections.safety import safety_section
from clearher.report.sections.summary import summary_section

SECTIONS = (
    summary_section,
    quality_section,
    ctdna_section,
    her2_section,
    clinical_section,
    safety_section,
    association_section,
    changes_section,
    methods_section,
    provenance_section,
)

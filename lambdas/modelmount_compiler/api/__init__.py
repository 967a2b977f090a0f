"""What `from modelmount_compiler import …` gives: compile, look at the report, load, ask."""

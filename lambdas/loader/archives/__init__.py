"""Uploads that are archives: read member by member, checked and unpacked."""

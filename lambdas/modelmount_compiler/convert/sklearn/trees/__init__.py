"""Converters of decision trees and their ensembles."""

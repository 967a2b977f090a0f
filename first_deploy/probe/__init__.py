"""Code that runs in the place of a function of the stage: with its role, network and mount.

Models can't ask these questions: the scanner refuses what would.
"""

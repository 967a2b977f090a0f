"""Processes that run the code of strangers, and what keeps them from everybody else.

In the process that is to be confined, before it starts a thread or reads anything foreign:

    from confinement.confine import confine
    from confinement.limits import Limits
    held = confine(Limits(memory_bytes=2**30, readable=(folder,), writable=(home,)))

`held.layers` names what holds, `held.missing` what this kernel refuses and why. No layer is
needed for another one. In its parent, once, before it starts such a process:

    from confinement.protection import protect
    protect()

and after the process has ended:

    from confinement.descendants import end_descendants
    end_descendants()

A parent that runs a module in a new interpreter takes `confinement.launch`, which does all three
and gives the child an environment from an allow-list (`confinement.environment`).
docs/adr/0036-confined-processes.md has the reasons.
"""

"""`python -m provisioner` is the `provisioner` command."""

from provisioner.cli import main

if __name__ == "__main__":
    main()

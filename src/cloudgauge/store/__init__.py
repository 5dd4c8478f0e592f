"""Result sets on disk: journal, seal, manifest, verification."""

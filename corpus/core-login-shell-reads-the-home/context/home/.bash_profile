export PIP_TARGET=/opt/packages

"""What a field tech does at a box: the devices and their lines, network and pairing, configuration on trial, the wizard."""

"""A patch put to the test on a real builder: both images built, compared, run, and built again after an edit."""

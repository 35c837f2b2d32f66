LIST = requirements.txt

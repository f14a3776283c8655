# The checker of histories sees what is wrong with them.
python3 "$(dirname "$0")/support/history_test.py"

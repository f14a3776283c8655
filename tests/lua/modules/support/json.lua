return "the script folder first"

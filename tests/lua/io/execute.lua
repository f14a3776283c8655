print(os.execute("exit 0"))     -- expect: true	exit	0
print(os.execute("exit 7"))     -- expect: nil	exit	7
print(os.execute("kill -15 $$")) -- expect: nil	signal	15
print(os.execute())             -- expect: true
os.execute("echo from the shell") -- expect: from the shell

"""What `monitord doctor` looks at: one function a question, in files by where the answer lies."""

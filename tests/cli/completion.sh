"$RUNNER" completion bash > c.bash && bash -n c.bash && echo bash ok
"$RUNNER" completion zsh > c.zsh && { command -v zsh >/dev/null && ! zsh -n c.zsh || echo zsh ok; }
"$RUNNER" completion fish

cat > norm.yaml <<'END'
seed: 3
data:
  source: {type: make_moons, n_samples: 121, noise: 0.1}
  split: {test_size: 20}
model:
  layers:
    - {type: linear, out_features: 2}
    - batch_norm1d
    - relu
    - {type: linear, out_features: 1}
train:
  loss: bce_with_logits
  optimizer: {type: adam, lr: 0.01}
  batch_size: 50
  epochs: 4
END
"$RUNNER" check norm.yaml; echo $?
"$RUNNER" norm.yaml train.drop_last=true -q; echo $?
"$RUNNER" show norm | sed -n '/^layer 1/,$p'
"$RUNNER" show norm --json | tr ',{' '\n\n' | grep num_batches
# Alone and in a sweep the same bytes, counters and buffers too.
"$RUNNER" norm.yaml train.drop_last=true name=many 'seed=1..20' -q >many.out; echo $?
cmp experiments/norm/runs/*/weights.safetensors \
    "experiments/many/runs/$(ls experiments/norm/runs)/weights.safetensors" && echo equal

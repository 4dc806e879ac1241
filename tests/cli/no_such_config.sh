"$RUNNER" chek configs/x.yaml

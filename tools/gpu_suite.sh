#!/usr/bin/env bash
# What can only be measured on a GPU, in calls that each end within ten minutes on an H100 and write CSV into $OUT/CALL (default out/gpu):
#
#   bash tools/gpu_suite.sh CALL...      speed    operations, bytes, floor and time of every part at LR 336x496, x4, of fast beside paper; cost per pixel
#                                        compiled the same with the prior through torch.compile: does it pay?
#                                        check    the solver on the GPU against itself on the CPU (tools/check_device.py)
#                                        whole1 .. whole4   photographs of 1000 px and more, x4, preset fast: two images, six kernels a call
#                                        paper    the published preset on 512 px, phase 1 cut to 30,000 updates, and preset fast on the same
#                                        all      one after the other
#
#   DATA      folder with hr/ and kernels/ (default data_dev, which git ignores: copy ../shared/data there and name it in `carry`)
#   TINY=1    every call with tiny settings, on the CPU where there is no GPU: tries the script, measures nothing
set -euo pipefail
cd "$(dirname "$0")/.."
OUT=${OUT:-out/gpu} DATA=${DATA:-data_dev} TINY=${TINY:-} PYTHON=${PYTHON:-python3}
export PYTHONPATH="$PWD${PYTHONPATH:+:$PYTHONPATH}" PYTHONUNBUFFERED=1
DEVICE=$($PYTHON -c 'import torch; print("cuda" if torch.cuda.is_available() else "cpu")')
if [ "$DEVICE" = cpu ] && [ -z "$TINY" ]; then echo "no GPU here; TINY=1 tries every call with tiny settings" >&2; exit 2; fi

fusion() { $PYTHON -c 'import sys; from kernelfusion_nb.app.cli import main; sys.exit(main())' "$@"; }
set_all() { local name; for name in "$@"; do printf -- '--set %s ' "$name"; done; }
SMALL=(); CROP=(); SIZE=336x496; SIDES=64,128,256,496
if [ -n "$TINY" ]; then
    SMALL=($(set_all prior_width=8 prior_steps=4 prior_batch=2 prior_crop=16 kernel_searches=1 kernel_visits=2 image_visits=2)); CROP=(--crop 128); SIZE=40x48; SIDES=32,40
fi

speed() { fusion bench --speed --preset fast --scale 4 --device "$DEVICE" --size $SIZE --sides $SIDES --out "$OUT/speed" "${SMALL[@]}"; }
compiled() { fusion bench --speed --preset fast --scale 4 --device "$DEVICE" --size $SIZE --set prior_compile=true --out "$OUT/compiled" "${SMALL[@]}"; }
check() { $PYTHON tools/check_device.py "$DEVICE"; }
whole() {  # IMAGE KERNELS
    fusion bench --suite dev --images "$DATA/hr" --kernels "$DATA/kernels/blind144_rebuilt_24x24.npz" --preset fast --device "$DEVICE" --quiet --methods bicubic,truekernel,ours \
        --image-names "$1" --kernel-names "$2" --out "$OUT/whole" "${SMALL[@]}" "${CROP[@]}"
}
whole1() { whole wiki021_endeavour k_0,k_1,k_2,k_3,k_4,k_5; }
whole2() { whole wiki021_endeavour k_6,k_7,k_8,k_9,k_10,k_11; }
whole3() { whole wiki047_washington_monument k_0,k_1,k_2,k_3,k_4,k_5; }
whole4() { whole wiki047_washington_monument k_6,k_7,k_8,k_9,k_10,k_11; }
paper() {
    local common=(bench --suite dev4 --images "$DATA/hr" --kernels "$DATA/kernels/blind144_rebuilt_24x24.npz" --device "$DEVICE" --quiet --image-names kodim08,kodim24 --kernel-names k_0 "${CROP[@]}")
    local few=(--set prior_steps=30000)
    if [ -n "$TINY" ]; then few=($(set_all prior_width=8 prior_steps=4 image_visits=2 unet_iterations=1 unet_first_iterations=1 prior_crop=16)); fi
    fusion "${common[@]}" --methods bicubic,ours --preset fast --out "$OUT/paper-fast" "${SMALL[@]}"
    fusion "${common[@]}" --methods full --preset paper --out "$OUT/paper" "${few[@]}"
}
if [ $# = 0 ]; then sed -n '2,/^set -e/p' "$0" | sed '$d; s/^# \{0,1\}//'; exit 2; fi
[ "$1" = all ] && set -- check speed compiled whole1 whole2 whole3 whole4 paper
for call in "$@"; do
    case $call in check|speed|compiled|whole[1-4]|paper) ;; *) echo "no call $call; without arguments this script says which there are" >&2; exit 2 ;; esac
    echo "== $call"; began=$SECONDS; $call; echo "== $call: $((SECONDS - began)) s"
done

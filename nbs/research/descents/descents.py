"""Several descents: where do they end, and which of them should be believed?

    python nbs/research/descents/descents.py [--case kodim05,k_0 ...]     writes descents.csv and descents.npz

Of each of the 36 cases of the suite dev2 (x2, LR 96): a descent from each of the eight best candidates that are not
alike (.97). One row a descent, with the score of the candidate and its terms after the descent, and the sparsity of the
restored image; the kernels, in the order of the rows, and the truth of each case in the npz. A minute a case on one core.
"""
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from cases import again, place, record, reduced, trained

from kernelfusion_nb.app.kernels import similarity
from kernelfusion_nb.schedule import noise_levels
from kernelfusion_nb.steps import STEPS, best_candidates, restorations, score_kernel, sparsity

CASES = [f"{image},k_{number}" for number in range(12) for image in ("kodim05", "kodim08", "kodim24")]
KERNELS = {}


def descend(run, kernel, **settings):
    "The kernel after a descent from `kernel` with the prior of `run`."
    own = again(run)
    k = replace(run.settings.kernel, **settings)
    own.settings = replace(run.settings, kernel=k)
    own.models.add(kernel, 0.0)
    own.x, own.kernel, *_ = STEPS["begin"](own, k.high, None, 0)
    for index, t in enumerate(noise_levels(k.high, k.low, k.visits)):
        own.x, own.kernel, *_ = STEPS["kernel"](own, t, own.noise(), index)
    return own.kernel


def case_rows(name):
    "A row for each descent of the case."
    run, _, true = trained(name, side=reduced(96, 40))
    image, which = name.split(",")
    for index in range(run.settings.kernel.searches):
        STEPS["search"](run, 200, None, index)
    m, ends = run.models, []
    for number in best_candidates(m, 8):
        kernel = descend(run, m.candidates[number])
        steps = restorations(run, kernel)
        error, loss = (float(sum(step[i].log() for step in steps)) / len(steps) for i in (0, 1))
        ends.append(kernel.numpy())
        row = dict(begun=float(m.scores[number]), error=error, loss=loss, spectrum=float(m.spectrum.loss(kernel)),
                   sparsity=sparsity(steps[-1][2]), similarity_begun=similarity(m.candidates[number], true),
                   similarity=similarity(kernel, true))
        yield dict(image=image, kernel=which, descent=len(ends)) | {key: round(value, 4) for key, value in row.items()}
    KERNELS[f"{image}-{which}"] = np.stack([*ends, true]).astype(np.float32)
    np.savez_compressed(place(__file__, "descents.npz"), **KERNELS)


if __name__ == "__main__":
    record(case_rows, CASES, __file__, __doc__)

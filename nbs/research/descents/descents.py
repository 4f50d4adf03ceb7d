"""Several descents: where do they end, and which of them should be believed?

    python nbs/research/descents/descents.py [--case kodim05,k_0 ...]     writes descents.csv and descents.npz

Of each of the 36 cases of the suite dev2 (x2, LR 96): a descent from each of the eight best candidates that are not
alike (.97). One row a descent, with the score of the candidate and its terms after the descent, and the sparsity of the
restored image; the kernels, in the order of the rows, and the truth of each case in the npz. A minute a case on one
core.
"""
import sys
from pathlib import Path

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from cases import descent, place, record, reduced, searched, trained

from kernelfusion_nb.app.kernels import similarity
from kernelfusion_nb.steps import best_candidates, restorations, sparsity

CASES = [f"{image},k_{number}" for number in range(12) for image in ("kodim05", "kodim08", "kodim24")]
KERNELS = {}


def case_rows(name):
    "A row for each descent of the case."
    run, _, true = trained(name, side=reduced(96, 40))
    image, which = name.split(",")
    searched(run)
    m, ends = run.models, []
    for number in best_candidates(m, 8):
        *_, (_, kernel) = descent(run, m.candidates[number])
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

"""Published parts (U-Net + SIREN) against the exact parts on the smallest case, PSNR at every visit. Written, not yet run: writes published_parts.csv."""
import csv, time
from pathlib import Path
import torch, numpy as np; torch.set_num_threads(2)
from kernelfusion_nb import solve
from kernelfusion_nb.images import load
from kernelfusion_nb.kernels import make, similarity
from kernelfusion_nb.metrics import evaluate
from kernelfusion_nb.cli import sample, degrade_photo
hr = np.asarray(load(sample('astronaut')).image())[64:192, 64:192]
k = make('hollow', 2); lr, hr = degrade_photo(load(hr), k, 2)
photo = load(lr)
rows=[]
def run(name, **settings):
    began=[None]
    def callback(step):
        if step['phase']=='prior': began[0]=time.perf_counter(); return
        m=evaluate(photo.array(step['hr'].cpu()), hr, lr, 2, step['kernel'].cpu().numpy(), k)
        rows.append(dict(parts=name, visit=step['step'], t=step['t'], seconds=round(time.perf_counter()-began[0],2), loss=step['loss'], psnr=round(m['psnr'],3), gain=round(m['gain'],3), similarity=round(m['similarity'],3)))
    r=solve(lr,2,progress=False,callback=callback,prior_steps=500,**settings)
    print(name, r.seconds, rows[-1], 'best', max(x['gain'] for x in rows if x['parts']==name), flush=True)
run('exact')
run('exact, 5x visits', hold=100, visits=100)
run('unet+siren (published)', image_model='unet', kernel_model='siren', t_start=200, hold=0, visits=20, iterations=6, first_iterations=40)
run('unet+siren, normal equations', image_model='unet', kernel_model='siren', kernel_step='normal', t_start=400, hold=10, visits=20, iterations=4, first_iterations=20)
with open(Path(__file__).with_suffix('.csv'),'w',newline='') as f:
    w=csv.DictWriter(f,list(rows[0])); w.writeheader(); w.writerows(rows)

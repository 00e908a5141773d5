package recipes

import (
	"github.com/graft-ml/graft/motion/tokenizer"
	"github.com/graft-ml/graft/nn"
)

// ClipsMotion4DMoT is where training on one's own clips starts from: a small 4DMoT.
func ClipsMotion4DMoT() Recipe {
	r := motionPreset("clips-4dmot", "A small motion tokenizer for clips of your own: BVH, CSV, NumPy or safetensors, of one skeleton")
	r.Data.Kind = MotionFiles
	r.settle()
	return r
}

// Motion4DMoT learns the five sample clips of MTVCrafter, the last of which is held out.
func Motion4DMoT() Recipe {
	r := motionSetPreset("motion-4dmot", "Dances estimated from video as tokens, by a small 4DMoT", "mtvcrafter-clips")
	r.settle()
	return r
}

// Motion4DMoTPaper has the sizes and the optimiser of the published 4DMoT (arXiv 2505.10238), and
// its 500,000 steps of 32 windows, the first 5,000 a warm-up, after which the rate stays. The data
// was not released: here it learns the five sample clips. Places are those of the clips, as there.
func Motion4DMoTPaper() Recipe {
	r := motionSetPreset("motion-4dmot-paper", "Dances estimated from video as tokens, by a 4DMoT of the published size", "mtvcrafter-clips")
	r.Data.Motion.Place, r.Data.Motion.Stride = AsTheyAre, 1
	r.Model.FourDMoT = ofClips(tokenizer.MTVCrafter())
	r.Optim.LR, r.Optim.Clip = 2e-4, 0
	r.Schedule = Schedule{Kind: Cosine, Warmup: 109, Floor: 1, EveryStep: true} // epochs of 46 steps
	r.Train.Epochs, r.Train.BatchSize = 10_870, 32
	r.settle()
	return r
}

// Bandai4DMoT learns everyday movements of the Bandai-Namco-Research-Motiondataset.
func Bandai4DMoT() Recipe {
	r := motionSetPreset("bandai-4dmot", "Everyday movements in several styles as tokens, by a small 4DMoT", "bandai-namco")
	r.Train.Epochs = 40
	r.Schedule.Warmup = 1
	r.settle()
	return r
}

// CMU4DMoT learns dances and martial arts of the CMU Graphics Lab Motion Capture Database, at
// 30 frames a second.
func CMU4DMoT() Recipe {
	r := motionSetPreset("cmu-4dmot", "Dances and martial arts from motion capture as tokens, by a small 4DMoT", "cmu-dances")
	r.Data.Motion.FPS = 30
	r.Train.Epochs = 300
	r.Data.Motion.ValShare = holdNone
	r.settle()
	return r
}

// motionPreset begins a preset for clips. The optimiser is that of the official training but for
// its rate, which is for 500,000 steps.
func motionPreset(name, about string) Recipe {
	r := preset(name, about)
	r.Model = Model{Kind: MotionTokenizer, FourDMoT: ofClips(tokenizer.Small())}
	r.Model.FourDMoT.Codes = 512
	r.Loss, r.Metric = nn.L1{}.Name(), motionMetric
	r.Optim = Optim{LR: 2e-3, WeightDecay: 1e-4, Beta1: 0.9, Beta2: 0.99, Eps: r.Optim.Eps, Clip: r.Optim.Clip}
	r.Schedule = Schedule{Kind: Cosine, Warmup: 5, EveryStep: true}
	r.Train.Epochs, r.Train.BatchSize, r.Train.EvalBatchSize = 200, 8, 1
	return r
}

// motionSetPreset begins a preset for a set that has a name.
func motionSetPreset(name, about, set string) Recipe {
	r := motionPreset(name, about)
	r.Data.Kind, r.Data.Name = MotionSet, set
	return r
}

// ofClips leaves to the clips what they decide.
func ofClips(c tokenizer.Config) tokenizer.Config {
	c.Joints = 0
	return c
}

package clips

// known lists the data sets in order of name.
func known() []entry {
	return []entry{
		{bandaiInfo, "bandai-namco-subset.zip", []string{"dataset-*.bvh", "dataset-*/dataset-*.bvh", "dataset/*/data/dataset-*.bvh"}, BandaiNamco, bandaiLoader},
		{dancesInfo, "cmu-dances-martial.zip", []string{"salsa/*.bvh", "martial/*.bvh", "indian/*.bvh"}, dances, cmuLoader},
		{mtvcrafterInfo, "", []string{"clip*.safetensors"}, mtvcrafter, folderLoader},
	}
}

var bandaiInfo = Info{
	Name: "bandai-namco", Title: "everyday movements in styles such as active, tired and proud, by actors: a subset of Bandai-Namco-Research-Motiondataset 1 and 2",
	Train: 70, Test: 70, Frames: 22_005, Joints: 22, FPS: 30, Unit: 0.01,
	SplitRule: "the last take of everything that was done more than once is for testing, the others for training; what was done once is left out. It is a rule of this program: there is no official split, and takes of one actor fall on both sides",
	Protocols: []Protocol{TakesSplit, RandomSplit},
	Folder:    "bandai-namco",
	Files:     []File{{"bandai-namco-subset.zip", 7_259_614, "2fa7c8d496f185bb0e11754833f217f3c6d102a2848512978929824f3375474f"}},
	Licence:   "CC BY-NC 4.0, to be attributed to Bandai Namco Research Inc.",
	Origin:    "github.com/BandaiNamcoResearchInc/Bandai-Namco-Research-Motiondataset, commit 74ead3b",
	Notes:     "A folder of the whole set is read as well. The joint joint_Root stays at the origin; Hips carries the movement.",
}

var dancesInfo = Info{
	Name: "cmu-dances", Title: "salsa, Indian dance and martial arts out of the CMU Graphics Lab Motion Capture Database, on one skeleton",
	Train: 3, Test: 2, Frames: 7663, Joints: 43, FPS: 120, Unit: 0.01,
	SplitRule: "shares of each content, drawn by a seed; there is no official split",
	Protocols: []Protocol{RandomSplit, LastHeldOut},
	Folder:    "cmu-bvh",
	Files:     []File{{"cmu-dances-martial.zip", 3_286_046, "faa3d3452b445685f168ac2b3ec1bc02f4240f5cd41f3182534fca326450319a"}},
	Licence:   "free for any use; the data used in this project was obtained from mocap.cs.cmu.edu, the database was created with funding from NSF EIA-0196217",
	Origin:    "github.com/papagina/Auto_Conditioned_RNN_motion, commit fbb7f64, after mocap.cs.cmu.edu",
	Notes:     "Only clips of the DAZ-style skeleton in the folders salsa, indian and martial. The files say 120 frames a second; their source says that salsa has 60.",
}

var mtvcrafterInfo = Info{
	Name: "mtvcrafter-clips", Title: "five dances estimated from video, SMPL joints in the camera's axes: the sample clips of MTVCrafter",
	Train: 4, Test: 1, Frames: 1842, Joints: 24, Unit: 0.001,
	SplitRule: "the last clip is for testing, the others for training; there is no official split",
	Protocols: []Protocol{LastHeldOut, RandomSplit},
	Folder:    "mtvcrafter_clips",
	Files: []File{
		{"clip0.safetensors", 36_976, "fb735d749bf1fe389a1930954782a5ecdb7fdd640b82ebd334aab39b12ae352b"},
		{"clip1.safetensors", 86_520, "4ca2f5300c779c26456cdaf02d9f37ec5e39a264e5f7cba255e268eb4d7d6a64"},
		{"clip2.safetensors", 168_600, "9f3f4a4423a6a99b924c70ba0a2337e2499c78017ee4c8589ad353de650d4b40"},
		{"clip3.safetensors", 188_472, "bc3fee58e02044b8e0560b09cf02c4dd00bea79e5e264eabff1121d3ec3a64c6"},
		{"clip4.safetensors", 51_960, "4183463f2741cbf7aae243090802cbdb89f78889f19d85b99d947acb10af41fd"},
	},
	Licence: "Apache-2.0",
	Origin:  "github.com/DINGYANB/MTVCrafter, commit 91d5132, as safetensors with a tensor pose [frames, 24, 3] each",
	Notes:   "Nobody tells their frame rate.",
}

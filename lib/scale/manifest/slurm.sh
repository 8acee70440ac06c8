#!/bin/bash
#SBATCH --job-name={{.Name}}
#SBATCH --array=0-{{.Last}}
#SBATCH --ntasks=1
#SBATCH --cpus-per-task={{.CPUs}}
#SBATCH --mem={{.MiB}}M
{{- if .Limit}}
#SBATCH --time={{.Minutes}}
{{- end}}
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --output={{.Name}}-%A_%a.log
# {{.Workers}} workers. To start them: sbatch FILE. To follow them: squeue --name={{.Name}}. To end them: scancel --name={{.Name}}
set -eu
export GOMAXPROCS="${SLURM_CPUS_PER_TASK:-{{.CPUs}}}" GOMEMLIMIT={{.SoftLimit}}MiB
{{- range .Env}}
export {{before .}}={{shell (after .)}}
{{- end}}
# A worker that is started again skips the tasks whose results are stored.
for attempt in {{range $i, $_ := .Attempts}}{{if $i}} {{end}}{{$i}}{{end}}; do
	if srun --ntasks=1 --cpus-per-task="$GOMAXPROCS" \
		{{with .Image}}apptainer exec {{shell .}} {{end}}{{words .Command}}; then
		exit 0
	fi
	echo "worker ${SLURM_ARRAY_TASK_ID:-?} failed, attempt $attempt" >&2
done
exit 1

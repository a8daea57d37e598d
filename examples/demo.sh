#!/bin/sh
# From three specs to a real Codex that answers through the reference gateway.
# PROVISIONER is the command to use, OUT the folder for results. Stops at the first failure.
set -eu

provisioner=${PROVISIONER:-provisioner}
out=${OUT:-build/demo}

bold='' plain=''
if [ -t 1 ]; then
    bold=$(printf '\033[1m') plain=$(printf '\033[0m')
fi

step() {
    printf '\n%s== %s%s\n' "$bold" "$1" "$plain"
}

rm -rf "$out"

step "1. Render: a spec becomes a Coder workspace template"
for flow in centralized byok chatgpt; do
    "$provisioner" render "examples/$flow.toml" -o "$out/templates/$flow"
done

step "2. Validate: HCL, the TOML inside it, and what joins the two"
"$provisioner" validate "$out/templates/centralized" "$out/templates/byok" "$out/templates/chatgpt"

step "3. Validate again, with wire_api broken inside the heredoc"
mkdir -p "$out/broken"
sed 's/wire_api = "responses"/wire_api = "chat"/' "$out/templates/chatgpt/codex.tf" >"$out/broken/codex.tf"
cp "$out/templates/chatgpt/main.tf" "$out/broken/main.tf"
status=0
"$provisioner" validate "$out/broken" >"$out/broken/findings.txt" || status=$?
cat "$out/broken/findings.txt"
if [ "$status" -ne 1 ] || ! grep -q 'codex\.tf:[0-9]*:[0-9]*: error PRV501' "$out/broken/findings.txt"; then
    echo "error: the broken template was not reported as it must be" >&2
    exit 1
fi

step "4. Prove: start the reference gateway and run Codex against it, one flow after the other"
for flow in centralized byok chatgpt; do
    "$provisioner" prove "examples/$flow.toml" --client auto --evidence "$out/evidence"
done

step "Done"
echo "templates: $out/templates    push one with: coder templates push -d $out/templates/chatgpt"
echo "evidence:  $out/evidence     config, output and gateway records of each proof"

#!/bin/sh
# Makes the fonts of the reports anew: Noto, under the SIL Open Font License
# (OFL.txt), cut down to the writing that Indonesian posts have. It needs apt,
# npm and pyftsubset (pip install fonttools). What it makes is committed, so that
# a build needs none of them.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -q fonts-noto-core=20201225-1
dpkg -x fonts-noto-core_*.deb noto
npm install --no-audit --no-fund --silent --prefix "$work" @expo-google-fonts/noto-emoji@0.4.7
noto=noto/usr/share/fonts/truetype/noto
cut() { # from to ranges
	pyftsubset "$1" --output-file="$here/$2" --unicodes="$3" --no-hinting --layout-features='*' --notdef-outline
}
latin=U+0000-024F,U+0250-02FF,U+0300-036F,U+0370-03FF,U+0400-052F,U+1E00-1EFF,U+2000-206F,U+2070-209F,U+20A0-20CF,U+2100-218F,U+FB00-FB06,U+FFFD,U+25CC
cut $noto/NotoSans-Regular.ttf regular.ttf $latin
cut $noto/NotoSans-Bold.ttf bold.ttf $latin
cut $noto/NotoNaskhArabic-Regular.ttf arabic.ttf '*'
for script in Javanese Balinese Sundanese Buginese Batak Rejang; do
	cut $noto/NotoSans$script-Regular.ttf "$(echo $script | tr '[:upper:]' '[:lower:]')".ttf '*'
done
cut $noto/NotoSansMath-Regular.ttf math.ttf U+0020,U+00A0,U+1D400-1D7FF,U+2190-22FF,U+2300-23FF,U+25A0-25FF,U+27C0-27EF,U+2A00-2AFF
cut $noto/NotoSansSymbols-Regular.ttf symbols.ttf U+0020,U+00A0,U+2100-2BFF,U+1F100-1F1FF,U+20D0-20FF
cut $noto/NotoSansSymbols2-Regular.ttf symbols2.ttf U+0020,U+00A0,U+2190-27BF,U+2900-2BFF,U+1F300-1F9FF,U+1FA70-1FAFF
cut node_modules/@expo-google-fonts/noto-emoji/400Regular/NotoEmoji_400Regular.ttf emoji.ttf '*'

ls -l "$here"

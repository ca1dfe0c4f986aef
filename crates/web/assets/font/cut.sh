#!/bin/sh
# Cuts the one font file of the pages out of Source Sans 3 and gives it a name of its own
# (the licence reserves the name "Source" for the original).
#
#   npm pack source-sans@3.52.0 && tar xf source-sans-3.52.0.tgz
#   python3 -m venv venv && venv/bin/pip install fonttools==4.68.0 brotli
#   PATH=venv/bin:$PATH ./cut.sh package/VF/SourceSans3VF-Upright.ttf
#
# Kept: the whole weight axis, Latin-1, Vietnamese, Russian, French ligatures, arrows, clinical
# signs, superscript and subscript figures. Digits of this family have one width without a feature.
set -eu
source_font=$1
here=$(cd "$(dirname "$0")" && pwd)
renamed=$(mktemp -d)/renamed.ttf

python3 - "$source_font" "$renamed" <<'PYTHON'
import sys
from fontTools.ttLib import TTFont

font = TTFont(sys.argv[1])
names = font["name"]
wanted = {1: "Carnet Sans", 2: "Regular", 3: "Carnet Sans 1", 4: "Carnet Sans", 6: "CarnetSans-Regular",
          16: "Carnet Sans", 17: "Regular", 25: "CarnetSans"}
# What no text of a page shows goes: instance names, sample texts, trademarks. Copyright and licence stay.
names.names = [record for record in names.names if record.nameID in wanted or record.nameID in (0, 5, 13, 14)]
for record in names.names:
    if record.nameID in wanted:
        names.setName(wanted[record.nameID], record.nameID, record.platformID, record.platEncID, record.langID)
font["fvar"].instances = []
font.save(sys.argv[2])
PYTHON

pyftsubset "$renamed" \
  --output-file="$here/carnet-sans.woff2" --flavor=woff2 \
  --layout-features=ccmp,liga,locl,frac,zero,kern,mark,mkmk \
  --name-IDs='0,1,2,3,4,5,6,13,14,16,17,25' --name-languages='*' --no-hinting --desubroutinize \
  --unicodes='U+0020-007E,00A0-00FF,0102-0103,0110-0111,0128-0129,0152-0153,0168-0169,01A0-01A1,01AF-01B0,0300-0301,0303,0309,0323,0401,0410-044F,0451,1EA0-1EF9,2010-2015,2018-201E,2020-2022,2026,2030,2070-2089,207A,20AB-20AC,2116,2122,2190-2193,2212,2248,2264-2265,25B2,25BC,2713'
rm -r "$(dirname "$renamed")"

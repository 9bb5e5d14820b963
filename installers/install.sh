#!/bin/sh
# Installs xlkijiji for the person who starts this, on a Mac or on Linux. Needs no administrator, and changes nothing
# outside of that person's folders. Start it by a double click, or from a terminal. It can be started again at any time:
# that repairs, or updates, what is there.
#
# The tools and the locked list of packages are in the folder "parts" beside it. What is installed lies in one folder
# ("program", below), which "Uninstall xlkijiji" removes again.
set -eu

UV_VERSION=0.13.9
PYTHON_VERSION=3.12.16
UV_SHA256_MAC_ARM=66c512266d633bef48384a1f53003f41f2a8e7b36fe6e7fbfd3e0fd52d96fa63
UV_SHA256_MAC_INTEL=c16ed11e013557536b3e60065f1b912f6407bd6518e041b961e23ef9e6b4fbf5
UV_SHA256_LINUX_INTEL=d7f459fe4fd247d830351c75686d3996ace3c6f3f728eb0e85a30b7ada0cef19
UV_SHA256_LINUX_ARM=ecb6028d79dc96fbeafffe5c8af62a7099487ebc05a701e76714eebcffd06375

new= before= # set where they are known; never those of the environment
here=$(cd "$(dirname "$0")" && pwd)
parts=$here/parts

t() { # t ENGLISH FRENCH: the one that this person's system speaks
    case ${LC_ALL:-${LC_MESSAGES:-${LANG:-}}} in
        fr*) printf '%s' "$2" ;;
        *) printf '%s' "$1" ;;
    esac
}

say() { printf '%s\n' "$*"; }

finish() { # finish CODE: keep the window open, where a double click opened one
    if [ -t 0 ] && [ -t 1 ] && [ -z "${XLKIJIJI_NO_WAIT:-}" ]; then
        printf '\n%s ' "$(t "Press Enter to close this window." "Appuyez sur Entrée pour fermer cette fenêtre.")"
        read -r _ || true
    fi
    exit "$1"
}

give_up() {
    [ -z "$*" ] || printf '\n%s\n' "$*" >&2
    say "$(t "xlkijiji was not installed. You can start this again at any time." "xlkijiji n’a pas été installé. Vous pouvez recommencer quand vous voulez.")"
    [ -z "$new" ] || rm -rf "$new"
    [ -z "$before" ] || say "$(t "What was installed before is as it was." "Ce qui était déjà installé est resté tel quel.")"
    finish 1
}

take_back() { # put what was there before into its place again, if anything was
    [ -d "$program/venv.old" ] || return 0
    rm -rf "$program/venv"
    mv "$program/venv.old" "$program/venv"
}

case "$(uname -s)/$(uname -m)" in
    Darwin/arm64) wheel=uv-$UV_VERSION-py3-none-macosx_11_0_arm64.whl sha256=$UV_SHA256_MAC_ARM ;;
    Darwin/x86_64) wheel=uv-$UV_VERSION-py3-none-macosx_10_12_x86_64.whl sha256=$UV_SHA256_MAC_INTEL ;;
    Linux/x86_64) wheel=uv-$UV_VERSION-py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64.whl sha256=$UV_SHA256_LINUX_INTEL ;;
    Linux/aarch64) wheel=uv-$UV_VERSION-py3-none-manylinux_2_28_aarch64.whl sha256=$UV_SHA256_LINUX_ARM ;;
    *) give_up "$(t "This installer is for Macs and for Linux on Intel, AMD or ARM, and this is" "Ce programme est pour les Mac et pour Linux sur Intel, AMD ou ARM, et voici") $(uname -s), $(uname -m)." ;;
esac

if [ "$(uname -s)" = Darwin ]; then
    program=$HOME/.xlkijiji/program # xlwings wants a Python in a folder without blanks on a Mac
else
    program=${XDG_DATA_HOME:-$HOME/.local/share}/xlkijiji/program
fi
case $program in
    *[\"\$\`\\\|]*) give_up "$(t "Excel or Calc can't start programs in a folder with such a name:" "Excel ou Calc ne peut pas démarrer un programme dans un dossier de ce nom :") $program" ;;
esac

# Excel and Calc see the environment of neither this window nor a Python project
unset PYTHONHOME PYTHONPATH VIRTUAL_ENV
# the system's own list of certificates, to which a company may have added its own
export UV_NO_CONFIG=1 UV_NO_PROGRESS=1 UV_SYSTEM_CERTS=1 UV_CACHE_DIR="$program/cache" UV_PYTHON_INSTALL_DIR="$program/python"

sum_of() { if command -v sha256sum >/dev/null; then sha256sum "$1"; else shasum -a 256 "$1"; fi | cut -d' ' -f1; }

say "$(t "Installing xlkijiji into" "Installation de xlkijiji dans") $program"
say "$(t "This takes a few minutes, and needs the internet." "Cela prend quelques minutes, et il faut Internet.")"

[ -f "$parts/requirements.txt" ] && [ -f "$parts/$wheel" ] ||
    give_up "$(t "The folder 'parts' beside this installer is missing or not complete. Unpack the whole download, then start the installer in it." "Le dossier « parts » à côté de ce programme manque ou est incomplet. Décompressez tout le téléchargement, puis recommencez.")"
own=
for file in "$parts"/xlkijiji-*-py3-none-any.whl; do
    [ -f "$file" ] && own=$file
done
[ -n "$own" ] || give_up "$(t "xlkijiji itself is missing in the folder 'parts'. Unpack the whole download again." "xlkijiji lui-même manque dans le dossier « parts ». Décompressez de nouveau tout le téléchargement.")"
[ "$(sum_of "$parts/$wheel")" = "$sha256" ] ||
    give_up "parts/$wheel: $(t "this file is damaged, or isn't the one that belongs here. Download xlkijiji again." "ce fichier est endommagé, ou n’est pas le bon. Téléchargez xlkijiji de nouveau.")"

if [ "$(uname -s)" = Linux ]; then
    # LibreOffice's bridge belongs to the system's Python, so that one is used
    python=${XLKIJIJI_PYTHON:-/usr/bin/python3}
    need=
    command -v soffice >/dev/null || need="$need libreoffice-calc"
    "$python" -c 'import uno' 2>/dev/null || need="$need python3-uno"
    [ -z "$need" ] ||
        give_up "$(t "LibreOffice Calc, or its bridge to Python, is missing. Install it, or ask whoever looks after this computer, then start this again. On Debian and Ubuntu:" "LibreOffice Calc, ou son pont vers Python, manque. Installez-le, ou demandez à la personne responsable de cet ordinateur, puis recommencez. Sur Debian et Ubuntu :") sudo apt install$need"
    "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
        give_up "$(t "Python 3.11 or newer is needed (Debian 12 and Ubuntu 24.04 have it), and this computer has" "Il faut Python 3.11 ou plus récent (Debian 12 et Ubuntu 24.04 l’ont), et cet ordinateur a") $("$python" --version)."
fi

say "1/4 $(t "Unpacking the tools…" "Décompression des outils…")"
mkdir -p "$program/tools"
rm -rf "$program/tools/uv.new"
mkdir "$program/tools/uv.new"
unzip -q "$parts/$wheel" -d "$program/tools/uv.new" 2>/dev/null || /usr/bin/python3 -m zipfile -e "$parts/$wheel" "$program/tools/uv.new" ||
    give_up "$(t "The tools could not be unpacked. Is the disk full?" "Les outils n’ont pas pu être décompressés. Le disque est-il plein?") ($program)"
mv -f "$program/tools/uv.new/uv-$UV_VERSION.data/scripts/uv" "$program/tools/uv"
rm -rf "$program/tools/uv.new"
uv=$program/tools/uv
chmod 755 "$uv"

say "2/4 Python…"
if [ "$(uname -s)" = Darwin ]; then
    "$uv" python install --quiet --no-bin "$PYTHON_VERSION" ||
        give_up "$(t "Python could not be fetched. Is this computer connected to the internet? A company's network may forbid it." "Python n’a pas pu être téléchargé. L’ordinateur est-il connecté à Internet? Un réseau d’entreprise peut l’interdire.")"
    python=$PYTHON_VERSION
fi
# New and old packages are never mixed: the environment is made anew each time, beside the one in use, which stays until
# the new one works. It is renamed then, so nothing in it may know where it lies: relocatable.
[ -d "$program/venv" ] || [ ! -d "$program/venv.old" ] || mv "$program/venv.old" "$program/venv" # an exchange that was cut short
[ ! -d "$program/venv" ] || before=yes
new=$program/venv.new
rm -rf "$new"
"$uv" venv --quiet --clear --relocatable --python "$python" "$new" || give_up "$(t "Python could not be set up. Close Excel, Calc and the pages of xlkijiji, then start this again." "Python n’a pas pu être préparé. Fermez Excel, Calc et les pages de xlkijiji, puis recommencez.") ($new)"

say "3/4 $(t "The packages…" "Les composants…")"
# a package that had to be built would fetch what builds it, without checksums
"$uv" pip install --quiet --python "$new/bin/python" --only-binary :all: --require-hashes --requirement "$parts/requirements.txt" ||
    give_up "$(t "The packages could not be fetched. Is this computer connected to the internet? A company's network may forbid it." "Les composants n’ont pas pu être téléchargés. L’ordinateur est-il connecté à Internet? Un réseau d’entreprise peut l’interdire.")"
not_in_place=$(t "xlkijiji itself could not be put in place." "xlkijiji lui-même n’a pas pu être mis en place.")
"$uv" pip install --quiet --python "$new/bin/python" --no-deps "$own" || give_up "$not_in_place"
rm -rf "$program/cache"
"$new/bin/python" -m xlkijiji version >/dev/null || give_up "$not_in_place"
"$new/bin/python" -m xlkijiji busy || give_up # it says itself why
rm -rf "$program/venv.old"
[ ! -d "$program/venv" ] || mv "$program/venv" "$program/venv.old" || give_up "$not_in_place"
mv "$new" "$program/venv" || { take_back; give_up "$not_in_place"; }

say "4/4 $(t "Your workbook and the menu…" "Votre classeur et le menu…")"
"$program/venv/bin/python" -m xlkijiji install || { take_back; give_up "$(t "xlkijiji could not be set up; the reason is above." "xlkijiji n’a pas pu être préparé; la raison est ci-dessus.")"; }
rm -rf "$program/venv.old"

say ""
say "$(t "Done." "Terminé.")"
finish 0

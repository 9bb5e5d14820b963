@echo off
rem Installs xlkijiji for the person who starts this, on Windows 10 (1803) or newer. Needs no administrator, and changes
rem nothing outside of that person's folders; Excel's macro security stays as it is. It can be started again at any time:
rem that repairs, or updates, what is there.
rem
rem It needs nothing but programs of Windows itself (certutil, tar, reg, chcp). The tools and the locked list of packages
rem are in the folder "parts" beside it. What is installed lies in one folder ("program", below), which "Uninstall
rem xlkijiji" removes. What it says stands at its end, in English and French.
setlocal EnableExtensions DisableDelayedExpansion
title xlkijiji

set UV_VERSION=0.13.9
set PYTHON_VERSION=3.12.16
set UV_SHA256_INTEL=6a44b2ed8111d2f60d2b92627c5dccda3f7ed7570b18ce115e569cd68c28246b
set UV_SHA256_ARM=eeb92051c2123b9730c46b04cc843cfa4bc7d7b0aec56df431a2215ef4cb0273

set "parts=%~dp0parts"
set "program=%LOCALAPPDATA%\xlkijiji\program"
rem set where they are known; never those of the environment
set new=
set before=
set "system=%SystemRoot%\System32"
set "wheel=uv-%UV_VERSION%-py3-none-win_amd64.whl"
set "sha256=%UV_SHA256_INTEL%"
if /i "%PROCESSOR_ARCHITECTURE%"=="ARM64" set "wheel=uv-%UV_VERSION%-py3-none-win_arm64.whl"
if /i "%PROCESSOR_ARCHITECTURE%"=="ARM64" set "sha256=%UV_SHA256_ARM%"

rem Excel sees the environment of neither this window nor a Python project
set PYTHONHOME=
set PYTHONPATH=
set VIRTUAL_ENV=
set UV_NO_CONFIG=1
set UV_NO_PROGRESS=1
rem the system's own list of certificates, to which a company may have added its own
set UV_SYSTEM_CERTS=1
set "UV_CACHE_DIR=%program%\cache"
set "UV_PYTHON_INSTALL_DIR=%program%\python"

call :choose_language
call :tell installer-begins
call :tell installer-minutes

if not exist "%parts%\requirements.txt" goto not_unpacked
if not exist "%parts%\%wheel%" goto not_unpacked
set own=
for /f "delims=" %%f in ('dir /b "%parts%\xlkijiji-*-py3-none-any.whl" 2^>nul') do set "own=%parts%\%%f"
if not defined own goto not_unpacked

set found=
for /f "skip=1 delims=" %%h in ('%system%\certutil.exe -hashfile "%parts%\%wheel%" SHA256') do if not defined found set "found=%%h"
if not defined found goto damaged
rem certutil of older Windows puts blanks between the digits
set "found=%found: =%"
if /i not "%found%"=="%sha256%" goto damaged

if not exist "%system%\tar.exe" goto old_windows

call :tell installer-tools
if exist "%program%\tools\uv.new" rmdir /s /q "%program%\tools\uv.new"
mkdir "%program%\tools\uv.new"
if not exist "%program%\tools\uv.new" goto no_folder
"%system%\tar.exe" -xf "%parts%\%wheel%" -C "%program%\tools\uv.new"
if errorlevel 1 goto no_folder
move /y "%program%\tools\uv.new\uv-%UV_VERSION%.data\scripts\uv.exe" "%program%\tools\uv.exe" >nul
if errorlevel 1 goto no_folder
rmdir /s /q "%program%\tools\uv.new"
set "uv=%program%\tools\uv.exe"

call :tell installer-python
"%uv%" python install --quiet --no-bin --no-registry %PYTHON_VERSION%
if errorlevel 1 goto no_internet
rem New and old packages are never mixed: the environment is made anew each time, beside the one in use, which stays
rem until the new one works. It is renamed then, so nothing in it may know where it lies: relocatable.
set "old=%program%\venv.old"
set "new=%program%\venv.new"
rem an exchange that was cut short
if not exist "%program%\venv" if exist "%old%" ren "%old%" venv
if exist "%program%\venv" set before=yes
if exist "%new%" rmdir /s /q "%new%"
"%uv%" venv --quiet --clear --relocatable --python %PYTHON_VERSION% "%new%"
if errorlevel 1 goto in_use

call :tell installer-packages
set "python=%new%\Scripts\python.exe"
rem a package that had to be built would fetch what builds it, without checksums
"%uv%" pip install --quiet --python "%python%" --only-binary :all: --require-hashes --requirement "%parts%\requirements.txt"
if errorlevel 1 goto no_internet
"%uv%" pip install --quiet --python "%python%" --no-deps "%own%"
if errorlevel 1 goto in_use
if exist "%program%\cache" rmdir /s /q "%program%\cache"
"%python%" -m xlkijiji version >nul
if errorlevel 1 goto in_use
rem it says itself why
"%python%" -m xlkijiji busy
if errorlevel 1 goto failed
if exist "%old%" rmdir /s /q "%old%"
if exist "%old%" goto in_use
if exist "%program%\venv" ren "%program%\venv" venv.old
if exist "%program%\venv" goto in_use
ren "%new%" venv
if not exist "%program%\venv" goto not_exchanged
set "python=%program%\venv\Scripts\python.exe"
if exist "%parts%\uninstall.cmd" copy /y "%parts%\uninstall.cmd" "%program%\..\Uninstall xlkijiji.cmd" >nul

call :tell installer-workbook
"%python%" -m xlkijiji install
if errorlevel 1 goto not_set_up
if exist "%old%" rmdir /s /q "%old%"

echo.
call :tell installer-done
call :leave
exit /b 0

:not_unpacked
set reason=installer-extract-all
goto told

:damaged
set reason=installer-damaged
goto told

:old_windows
set reason=installer-old-windows
goto told

:no_folder
set reason=installer-no-tools
goto told

:no_internet
set reason=installer-no-internet
goto told

:not_exchanged
if exist "%old%" ren "%old%" venv

:in_use
set reason=installer-in-use
goto told

:not_set_up
set reason=installer-not-set-up
if not exist "%old%" goto told
rmdir /s /q "%program%\venv"
ren "%old%" venv

:told
echo.
call :tell %reason%

:failed
call :tell installer-not-installed
if defined new if exist "%new%" rmdir /s /q "%new%"
if defined before call :tell installer-as-before
call :leave
exit /b 1

@echo off
rem Removes xlkijiji from this person's folders; workbooks and pictures stay. It lies in the folder that it removes, so it
rem goes on from a copy among the temporary files.
setlocal EnableExtensions DisableDelayedExpansion
title xlkijiji
if not "%~1"=="" goto from_copy
set "here=%~dp0"
copy /y "%~f0" "%TEMP%\uninstall-xlkijiji.cmd" >nul
if errorlevel 1 goto failed
rem without "call" this file isn't read any further
"%TEMP%\uninstall-xlkijiji.cmd" "%here:~0,-1%"

:from_copy
set "program=%~1"
if not exist "%program%\venv\Scripts\python.exe" goto no_python
cd /d "%TEMP%"
"%program%\venv\Scripts\python.exe" -m xlkijiji uninstall
if errorlevel 1 goto failed
:no_python
cd /d "%TEMP%"
rem only a folder that our installer made
if not exist "%program%\tools\uv.exe" goto failed
rmdir /s /q "%program%"
if exist "%program%" goto failed
echo Done.
if not defined XLKIJIJI_NO_WAIT pause
exit /b 0

:failed
echo Not everything could be removed. Close Excel and the pages of xlkijiji, then start this again.
if not defined XLKIJIJI_NO_WAIT pause
exit /b 1

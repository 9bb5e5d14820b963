@echo off
rem Removes xlkijiji from this person's folders; workbooks and pictures stay.
setlocal EnableExtensions DisableDelayedExpansion
title xlkijiji
set "program=%~dp0program"
cd /d "%SystemRoot%"
rem only a folder that our installer made
if not exist "%program%\tools\uv.exe" goto failed
if not exist "%program%\venv\Scripts\python.exe" goto no_python
"%program%\venv\Scripts\python.exe" -m xlkijiji uninstall
if errorlevel 1 goto failed
:no_python
rmdir /s /q "%program%"
if exist "%program%" goto failed
echo Done.
if not defined XLKIJIJI_NO_WAIT pause
rem one line, as there is no more to read after it
del "%~f0" & exit /b 0

:failed
echo Not everything could be removed. Close Excel and the pages of xlkijiji, then start this again.
if not defined XLKIJIJI_NO_WAIT pause
exit /b 1

"""The dashboard as a server: Streamlit's own, behind the gates. What `motcua dashboard` runs."""

from __future__ import annotations

import streamlit as st
from starlette.middleware import Middleware

from dashboard.gates import FileGate, WayBack

app = st.App("app.py", middleware=[Middleware(WayBack), Middleware(FileGate)])

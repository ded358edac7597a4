"""The routes. The components route below their paths by themselves, so each page answers them all."""

from django.contrib import admin
from django.urls import path, re_path

from orchard import views

urlpatterns = [
    path("", views.home),
    path("dashboard", views.dashboard),
    path("api/me", views.me),
    path("api/hasura-token", views.hasura_token),
    path("api/reports", views.reports),
    re_path(r"^sign-in(?:/.*)?$", views.sign_in),
    re_path(r"^sign-up(?:/.*)?$", views.sign_up),
    re_path(r"^profile(?:/.*)?$", views.profile),
    path("admin/", admin.site.urls),
]

// User ids of the default form.
export const ann = '0a0e5c11-6d1c-4d6b-8f5e-0f0a6a3f2b01';
export const bob = '0b0e5c11-6d1c-4d6b-8f5e-0f0a6a3f2b02';
export const eve = '0e0e5c11-6d1c-4d6b-8f5e-0f0a6a3f2b03';
